/** The session as Python, as a notebook, as a file. */
export const session = {
  session: "Session",
  sessionHelp: "The session as Python, as a notebook or as a file",
  copyPython: "Copy as Python",
  getNotebook: "Download as notebook",
  saveSession: "Save…",
  save: "Save",
  saveAndTell: "Save and go on",
  filePath: "Name of the file, beside the notebook; it ends in .kan",
  savedTo: "Saved to {path}",
  pythonCopied: "The session is in the clipboard as Python.",
  pythonByHand: "The browser does not allow copying; the text below is selected.",
  notebookDownloaded: "The notebook is downloaded.",
  sessionAsPython: "The session as Python",
};
