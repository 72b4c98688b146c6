/** The browser that shows pages to the tests, if this machine has one. */
import { existsSync } from 'node:fs'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The path of Chromium: that in $CHROMIUM, or where systems install it. Undefined if there is none. */
export const chromiumPath = [process.env.CHROMIUM ?? '', ...PATHS].find((path) => existsSync(path))
