"""What a user writes who has types checked, and beside it what mypy has to say."""

from typing import reveal_type

from kanwidget import KAN, KANWidget, create_dataset

data = create_dataset(lambda x: x[:, 0] * x[:, 1], n_var=2)
model = KAN([2, 1])
widget = KANWidget(model, data)

reveal_type(data)  # kanwidget.datasets.Dataset
reveal_type(model)  # kanwidget.model.KAN
reveal_type(model.fit(data))  # kanwidget.fitting.progress.FitResults
reveal_type(model.symbolic_formula())  # tuple[list[Any], list[Any]]
reveal_type(widget)  # kanwidget.widget.widget.KANWidget
reveal_type(widget.session)  # kanwidget.session.session.Session
