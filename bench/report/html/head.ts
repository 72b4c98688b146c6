/** The head of the page: what was measured, where and how, and the command that repeats it. */
import { amount, bytes, plural } from '../../../clients/terminal.ts'
import type { BenchDocument, Machine, Parameters } from '../../document/document.ts'
import { blocksOf } from '../blocks.ts'
import { findings } from '../findings.ts'
import { describePinning } from '../pinning-text.ts'
import { commandOf } from './again.ts'
import { rowsOf } from './identity.ts'
import { type Content, type Html, html, NOTHING } from './markup.ts'
import { renderTerm } from './reading.ts'

export function renderHead(document: BenchDocument): Html {
  const facts: readonly (readonly [string, Content])[] = [
    ['Machine', machineText(document.machine)],
    ['Versions', versionsText(document.versions)],
    ['Rounds', roundsText(document.parameters)],
    ['Window', windowText(document.parameters)],
    ['Cores', describePinning(document.parameters.pinned)],
    ['Measure again', commandMarkup(document)],
  ]
  return html`<header>
<p class="series">echo-architectures · benchmark</p>
<h1>How should a server wait?</h1>
<p class="measured">${extentText(document)}
<time datetime="${document.date}">${dateText(document.date)}</time></p>
${document.interrupted ? interruption(document) : NOTHING}
${renderFindings(document)}<dl>
${facts.map(([term, fact]) => renderTerm(term, fact))}</dl>
</header>
`
}

/** What was seen, in a few sentences, before any table. */
function renderFindings(document: BenchDocument): Html {
  const sentences = findings(document)
  if (sentences.length === 0) return NOTHING
  return html`<ul class="findings">
${sentences.map((sentence) => html`<li>${sentence}</li>\n`)}</ul>
`
}

/** `2 January 2026, 03:04 UTC`. */
export function dateText(date: string): string {
  const time = new Date(date)
  if (Number.isNaN(time.getTime())) return date
  const day = time.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
  return `${day}, ${time.toISOString().slice(11, 16)} UTC`
}

function extentText(document: BenchDocument): string {
  const rows = rowsOf(document.cells)
  const servers = new Set(rows.map(({ model }) => model)).size
  const variants = `${plural(servers, 'server')} in ${plural(rows.length, 'variant')}`
  return `${variants} under ${plural(blocksOf(document).length, 'load')}, every reply checked.`
}

function interruption({ cells, parameters }: BenchDocument): Html {
  const done = cells.reduce((sum, { rounds }) => sum + rounds.length, 0)
  const planned = amount(cells.length * parameters.rounds)
  return html`<p class="interrupted" role="note"><strong>This run was interrupted.</strong>
Of ${planned} measurements ${amount(done)} were made; what is missing is missing below.</p>`
}

/** Each flag has its own span, so that a line breaks between two flags, and not at a hyphen. */
function commandMarkup(document: BenchDocument): Html {
  const flags = commandOf(document).split(/ (?=--\w)/)
  return html`<code>${flags.map((flag) => html`<span>${flag}</span> `)}</code>`
}

function machineText({ cpu, cores, memory, system }: Machine): string {
  return `${cpu}, ${plural(cores, 'core')}, ${bytes(memory)} of memory; ${system}`
}

function versionsText(versions: BenchDocument['versions']): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
}

function roundsText({ rounds, seed }: Parameters): string {
  const order = `in an order drawn by lot (seed ${seed})`
  return rounds === 1 ? `1, ${order}` : `${amount(rounds)}, each ${order}; figures are medians`
}

function windowText({ duration, warmup, systemCalls }: Parameters): string {
  const counted = systemCalls ? '; system calls counted after it' : ''
  return `${duration} s after ${warmup} s of load that does not count${counted}`
}
