/**
 * The folder of the project, as a URL that ends with a slash. Every file that is looked for at run
 * time is found from here: `import.meta.url` of a file that was bundled says nothing about where
 * its source stands.
 */
export const ROOT = new URL('../..', import.meta.url)
