/** What is wrong with a generated part of a page, in a sentence for its author. */
export class FillError extends Error {}
