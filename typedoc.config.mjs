import { JSX } from 'typedoc'

/** The pages of the API of servers/ and clients/, which `npm run docs` puts into the site. */
export default {
  name: 'API of echo-architectures',
  readme: 'none',
  entryPoints: ['servers', 'clients'],
  entryPointStrategy: 'expand',
  // `npm run check` judges the types, of the tests too; here only the pages are judged.
  skipErrorChecking: true,
  excludePrivate: true,
  // A type that only one file uses isn't exported, and the pages can do without it.
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  // The same site from the same files, with or without a repository around them.
  disableGit: true,
  disableSources: true,
  hideGenerator: true,
  customCss: 'docs/build/styles/api.css',
  out: 'docs/site/api',
  cleanOutputDir: true,
  plugin: [linkToSite, findIconsInPage],
}

/** Puts a link at the top of each page that leads back to the site around the API. */
function linkToSite({ renderer }) {
  renderer.hooks.on('content.begin', (context) => {
    const href = context.relativeURL('../index.html')
    return JSX.createElement('p', null, JSX.createElement('a', { href }, 'Back to the pages'))
  })
}

/**
 * A page that is opened from disk may not use the pictures in another file. TypeDoc's script puts
 * all of them into the page; so the page finds them there at once, and the browser doesn't complain.
 */
function findIconsInPage({ renderer }) {
  renderer.on('endPage', (page) => {
    page.contents = page.contents?.replaceAll(/href="[^"]*icons\.svg#/g, 'href="#')
  })
}
