/** The site of the docs: every page, and the API of servers/ and clients/. */
export default {
  name: 'echo-architectures',
  readme: 'README.md',
  projectDocuments: ['servers/README.md', 'docs/*.md', 'docs/models/*.md'],
  entryPoints: ['servers', 'clients'],
  entryPointStrategy: 'expand',
  // `npm run check` judges the types, of the tests too; here only the pages are judged.
  skipErrorChecking: true,
  excludePrivate: true,
  validation: { notExported: true, invalidLink: true, notDocumented: false },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  // The same site from the same files, with or without a repository around them.
  disableGit: true,
  disableSources: true,
  hideGenerator: true,
  customCss: 'docs/site.css',
  out: 'docs/site',
  cleanOutputDir: true,
  markdownItLoader: hideRegionMarks,
}

/** Code that a page quotes may have regions inside of it: their marks are not for its reader. */
function hideRegionMarks(parser) {
  parser.core.ruler.push('region marks', ({ tokens }) => {
    for (const token of tokens) {
      if (token.type === 'fence') token.content = token.content.replace(REGION_MARK, '')
    }
  })
}

const REGION_MARK = /^ *\/\/ #(end)?region .*\n?/gm
