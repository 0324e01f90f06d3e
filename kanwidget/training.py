"""Training of a network as its users know it: `fit`, with pykan's names."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from os import PathLike
from typing import Any

from kanwidget.film import Film
from kanwidget.fitting import Bar, FitOptions, FitResults, Trainer, spelled_out
from kanwidget.network import Network


class Training(Network):
    """A network that can be trained."""

    @spelled_out
    def fit(
        self,
        dataset: Any,
        opt: Any = "LBFGS",
        steps: int | None = None,
        *,
        val_loader: Any = None,
        test_loader: Any = None,
        progress: bool = False,
        log: int | None = None,
        display_metrics: Sequence[str] | None = None,
        save_fig: bool = False,
        save_fig_freq: int = 1,
        img_folder: str | PathLike[str] = "./video",
        in_vars: Sequence[str] | None = None,
        out_vars: Sequence[str] | None = None,
        beta: float = 3.0,
        singularity_avoiding: bool = False,
        y_th: float = 1000.0,
        **options: Any,
    ) -> FitResults:
        """Train on the training data: make the loss plus ``lamb`` times the penalty small.

        Interrupting it at any moment leaves the network at its last finished iteration.  A loss that
        becomes NaN or infinite brings the last good state back, and a warning says so.

        Parameters
        ----------
        dataset : Dataset, dict or DataLoader
            Also pykan's dictionary of train_input, train_label, test_input, test_label, or a
            dictionary of loaders by train, val and test.  A loader gives pairs of inputs
            (N, n_inputs) and labels, and draws by its own generator; images are given flat.
        opt : str, class or callable
            'LBFGS'; 'LM', Levenberg-Marquardt, for the mean square and up to a few thousand
            parameters; 'Adam' or 'AdamW'; 'auto', which chooses by the size of network and data and
            says why in the result's ``explanation``; the name or the class of an optimizer of
            torch, such as 'SGD'; or a function from a list of parameters to one.
        steps : int, optional
            A step is 20 iterations of L-BFGS, or one of the others, on a batch.  100 where neither
            steps nor epochs are given.
        epochs : int, optional
            Go so many times through all training samples instead, in an order that ``seed`` gives.
        batch : int
            Samples in a batch; -1 takes all.
        lr, weight_decay : float, optional
            The optimizer's own where not given: a rate of 1 for L-BFGS, 0.01 for Adam, and 0.001
            with a decay of 0.01 for AdamW.
        opt_options : dict
            Further arguments of the optimizer: ``{"betas": (0.9, 0.99)}``, ``{"momentum": 0.9}``.
        loss_fn : str or callable
            'mse', 'mae', 'huber', 'cross_entropy' (class numbers (N,) or (N, 1), or shares of the
            classes (N, n_outputs)), 'bce' (on logits), or a function from predictions and labels
            to a scalar.
        metrics : str, callable, list or dict
            'accuracy', 'r2', 'mae', 'rmse', 'max_error', or functions from predictions and labels
            to a number: results have them for every part of the data, ``val_accuracy`` and so on.
            A function without arguments, as pykan has them, gives one column of its name.
        scheduler : float or callable, optional
            How the learning rate changes after every epoch, or step where there are none: a factor;
            a function from the epoch to a factor of the first rate; or one from an optimizer to a
            scheduler of torch, ``lambda o: ExponentialLR(o, 0.8)``.
        patience : int, optional
            End after so many steps or epochs without a lower validation loss.  The network is left
            at its best state, at the end of all steps too.
        lamb : float
            Weight of the penalty.
        lamb_l1, lamb_entropy, lamb_coef, lamb_coefdiff, reg_metric :
            What the penalty consists of; see `kanwidget.fitting.penalties`.
        update_grid : bool
            Move the knots to the data ``grid_update_num`` times before ``stop_grid_update_step``.
        grid_update_num, start_grid_update_step, stop_grid_update_step : int
            Steps are epochs where epochs are given.
        seed : int
            Of the order in which samples are drawn; no global seed is read or changed.
        resume_at, stop_at : (int, int), optional
            Do only a part of this fit, from one point to another: so many whole steps or epochs, and
            so many iterations of the next.
        val_loader, test_loader : DataLoader, optional
            Where ``dataset`` is a loader for training.
        progress : bool
            Show a bar with losses, metrics and learning rate.
        log : int, optional
            Show it, and write it anew every ``log`` steps.
        display_metrics : list of str, optional
            Columns of the results to show on the bar.
        save_fig : bool
            Write a picture every ``save_fig_freq`` steps into ``img_folder``: 0.jpg, 1.jpg, …
        save_fig_freq, img_folder, in_vars, out_vars, beta :
            Of these pictures; see `kanwidget.plotting.plot`.
        singularity_avoiding, y_th :
            For pykan's users: functions are not softened near their poles here, since a fit that
            meets NaN or infinity goes back; True warns of that.

        Returns
        -------
        FitResults
            A dictionary of lists, one entry a step or an epoch: ``train_loss``, ``val_loss``,
            ``test_loss``, ``reg``, and the metrics.  Losses are root mean squared errors for 'mse',
            else the loss itself.  Training losses of a step that takes all samples are measured
            after it; of batches they are those that were met on the way.

        Raises
        ------
        TypeError, ValueError
            For arguments or data that do not fit; nothing has changed then.
        RuntimeError
            If the network is being trained already, by a widget for instance.
        """
        told = FitOptions.of(opt=opt, steps=steps, **options)
        trainer = Trainer(self, dataset, told, val_loader, test_loader)
        told, results = trainer.options, FitResults(trainer.columns, trainer.explanation)
        if singularity_avoiding:
            warnings.warn(
                f"singularity_avoiding and y_th={y_th:g} are not needed: a fit that meets NaN or "
                "infinity goes back to the last good state",
                stacklevel=2,
            )
        film = Film(self, img_folder, save_fig_freq, in_vars, out_vars, beta) if save_fig else None
        bar = None
        if progress or log is not None or display_metrics is not None:
            bar = Bar(trainer, display_metrics, 1 if log is None else log)
        iterations = trainer.steps()
        try:
            for now in iterations:
                if now.whole:
                    results.add(now)
                    if film:
                        film.take(now.step - 1)
                if bar:
                    bar.show(now)
                self.tell("step", progress=now)
        finally:
            iterations.close()
            if bar:
                bar.close()
        results.stopped_because = trainer.stopped_because or ("stopped" if self.stopping else "")
        if trainer.diverged:
            warnings.warn(trainer.stopped_because, stacklevel=2)
        return results

    def stop_fit(self) -> None:
        """End the fit that runs, on whatever thread, after its present iteration; it returns as usual."""
        self.stopping = self.fitting

    def train(self, mode: Any = True, *args: Any, **options: Any) -> Any:
        """``train(mode)`` of torch; called with a dataset, pykan's older name of `fit`."""
        if isinstance(mode, bool):
            return super().train(mode)
        warnings.warn(
            "model.train(dataset, …) is now model.fit(…)", DeprecationWarning, stacklevel=2
        )
        return self.fit(mode, *args, **options)
