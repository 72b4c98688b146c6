/** WSGIServer: what PEP 3333 asks of a server, over the network and byte by byte. */
import { describe } from 'vitest'
import { closeAfterEach } from './green-io-harness.ts'
import { closeTests } from './green-wsgi-close.ts'
import { detachTests } from './green-wsgi-detach.ts'
import { endTests } from './green-wsgi-ends.ts'
import { inputTests } from './green-wsgi-input.ts'
import { limitTests } from './green-wsgi-limits.ts'
import { requestTests } from './green-wsgi-request.ts'
import { responseTests } from './green-wsgi-response.ts'
import { rulesTests } from './green-wsgi-rules.ts'
import { smugglingTests } from './green-wsgi-smuggling.ts'

closeAfterEach()

describe('the rules for applications', () => rulesTests())
describe('the response', () => responseTests())
describe('the request', () => requestTests())
describe('the body of a request', () => inputTests())
describe('the bytes of a request', () => smugglingTests())
describe('the end of a body', () => closeTests())
describe('the end', () => endTests())
describe('detaching', () => detachTests())
describe('the limits', () => limitTests())
