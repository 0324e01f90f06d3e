/** What the build turns JSX into calls of. */
export { createElement, Fragment } from "preact";
