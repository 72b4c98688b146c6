/** A page for one scene, in one file: what `npm run scene -- … --html` writes. */

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Scene } from '../../../clients/scenes/scenes.ts'
import type { Timeline } from '../../../clients/scenes/timeline.ts'
import { ROOT } from '../../../servers/boot/root.mjs'
import { html, raw } from '../html.ts'
import { stylesOf, TOKENS } from '../styles.ts'
import { timelineFigure } from './figure.ts'

const STYLES = [...TOKENS, 'docs/build/timelines/timelines.css']

export function timelinePage({ title, summary }: Scene, timelines: readonly Timeline[]): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${raw(stylesOf(STYLES))}</style>
</head>
<body class="scene">
<main>
<h1>${title}</h1>
<p>${summary}</p>
${timelines.map((timeline) => raw(timelineFigure(timeline)))}
</main>
<script>${raw(script())}</script>
</body>
</html>
`.markup
}

/** The part of the site's script that makes steps of a timeline. */
function script(): string {
  const { buildSync } = createRequire(fileURLToPath(new URL('package.json', ROOT)))('esbuild')
  const contents = "import { startTimelines } from './timelines.ts'\nstartTimelines()"
  const resolveDir = fileURLToPath(new URL('docs/build/browser', ROOT))
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir },
    bundle: true,
    format: 'iife',
    minify: true,
    write: false,
  })
  return outputFiles[0].text
}
