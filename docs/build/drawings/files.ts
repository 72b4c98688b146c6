/** The drawings as files of their own, for GitHub and for editors: docs/drawings/. */
import { raw } from '../html.ts'
import { stylesOf, TOKENS } from '../styles.ts'
import { heightOf, svgOf } from './drawing.ts'
import { DRAWINGS } from './models/all.ts'
import { WIDTH } from './parts.ts'

const STYLE = 'docs/build/drawings/drawings.css'

/** A file is shown larger than its natural size where there is room. */
const ENLARGED = 1.4

/** All files, by their path from ROOT. */
export function drawings(): Map<string, string> {
  const style = raw(
    `<style>\n${styleOfFiles()}</style>\n<rect class="paper" width="100%" height="100%"/>\n`,
  )
  const files = DRAWINGS.map((drawing) => {
    const [width, height] = [WIDTH, heightOf(drawing)].map((units) => Math.round(units * ENLARGED))
    const size = `width="${width}" height="${height}"`
    const svg = svgOf(drawing, style).markup.replace('<svg ', `<svg ${size} `)
    return [`docs/drawings/${drawing.model}.svg`, svg] as const
  })
  return new Map(files)
}

/** The style of a drawing on the site, with the colours that it takes from the page there. */
function styleOfFiles(): string {
  const [style, site] = [stylesOf([STYLE]), stylesOf(TOKENS)]
  const names = new Set([...style.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name!))
  const values = [...names].map((name) => [name, valuesOf(name, site)] as const)
  const list = (place: number) =>
    values.flatMap(([name, all]) => (all[place] ? [`${name}: ${all[place]};`] : [])).join(' ')
  return `.drawing { ${list(0)} }
@media (prefers-color-scheme: dark) { .drawing { ${list(1)} } }
.drawing .paper { fill: var(--paper); stroke: none; }
${style.replace(/\/\*[\s\S]*?\*\/\n/g, '')}`
}

/** What the site's style sets it to: in light, and, if that is another value, in dark. */
function valuesOf(name: string, site: string): string[] {
  const values = [...site.matchAll(new RegExp(`${name}:([^;]+);`, 'g'))].map(([, text]) =>
    text!.trim().replace(/\s+/g, ' '),
  )
  if (values.length === 0) throw new RangeError(`there is no ${name} in ${TOKENS.join(', ')}`)
  return values.slice(0, 2)
}
