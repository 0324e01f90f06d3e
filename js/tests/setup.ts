// KaTeX asks for a page in standards mode, which a page with a doctype is.
Object.defineProperty(document, "compatMode", { value: "CSS1Compat" });
