/**
 * The rows that need only Node: the yardsticks on node:net and node:http, and the web server of
 * green-threads.
 */
import { fileURLToPath } from 'node:url'
import { launchProgram } from '../../clients/launcher.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { onlyBytes, onlyHttp, type Row } from '../run/rows.ts'
import { NODE_HTTP, NODE_NET, PYWSGI } from './yardsticks.ts'

export const NODE_NET_ROW = nodeRow(NODE_NET, 'node-net.mjs', onlyBytes)

export const NODE_HTTP_ROW = nodeRow(NODE_HTTP, 'node-http.mjs', onlyHttp)

export const PYWSGI_ROW = nodeRow(PYWSGI, 'wsgi.ts', onlyHttp)

function nodeRow(name: string, file: string, cannot: Row['cannot']): Row {
  const program = fileURLToPath(new URL(`bench/peers/${file}`, ROOT))
  const compiler = file.endsWith('.ts') ? ['--import', 'tsx'] : []
  const command = [process.execPath, ...compiler, program]
  const start: Row['start'] = (_, cpus) => launchProgram(command, { cpus })
  return { name, wait: 'node', io: 'node', isParallel: false, start, cannot }
}
