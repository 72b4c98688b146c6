/**
 * The report as one HTML page that opens from disk: no script, no font, nothing from the network.
 * The charts are SVG, and each stands above the table with its figures.
 */
import { readFileSync } from 'node:fs'
import { ROOT } from '../../servers/boot/root.mjs'
import type { BenchDocument } from '../document/document.ts'
import { dateText, renderHead } from './html/head.ts'
import { type Html, html, NOTHING } from './html/markup.ts'
import { type Section, sectionsOf } from './html/sections.ts'

/** A page with at least this number of sections has a table of contents. */
const MANY = 4

const STYLES = ['tokens.css', 'page.css', 'table.css', 'chart.css'].map((name) =>
  readFileSync(new URL(`bench/report/html/${name}`, ROOT), 'utf8'),
)

export function renderHtml(document: BenchDocument): string {
  const sections = sectionsOf(document)
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Benchmark of ${dateText(document.date)} – echo-architectures</title>
<style>
${{ markup: STYLES.join('') }}</style>
</head>
<body>
${renderHead(document)}
${sections.length < MANY ? NOTHING : renderContents(sections)}
<main>
${sections.map(renderSection)}</main>
</body>
</html>
`
  return page.markup
}

function renderContents(sections: readonly Section[]): Html {
  const items = sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>\n`)
  return html`<nav aria-label="Contents">
<ol>
${items}</ol>
</nav>`
}

function renderSection({ id, title, body }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`
}
