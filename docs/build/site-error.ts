/** The site can't be built as its sources are; a line for each problem, with its place. */
export class SiteError extends Error {}
