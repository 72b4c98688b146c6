/** The one script of the site. Every page is complete without it. */
import { startSearch } from './search.ts'
import { startSideBySide } from './side-by-side.ts'
import { startTimelines } from './timelines.ts'

/** Put here when the site is built: see docs/build/assets.ts. */
declare const SEARCH_INDEX: string

const script = document.currentScript
if (script instanceof HTMLScriptElement) startSearch(SEARCH_INDEX, new URL('.', script.src))
if (document.body.dataset.page === 'side-by-side') startSideBySide()
startTimelines()
