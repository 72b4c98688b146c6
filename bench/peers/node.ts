/** The rows of the two yardsticks that need only Node: a server on node:net, one on node:http. */
import { fileURLToPath } from 'node:url'
import { launchProgram } from '../../clients/launcher.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { onlyBytes, type Row } from '../run/rows.ts'
import { NODE_HTTP, NODE_NET } from './yardsticks.ts'

export const NODE_NET_ROW = nodeRow(NODE_NET, 'node-net.mjs', onlyBytes)

export const NODE_HTTP_ROW = nodeRow(NODE_HTTP, 'node-http.mjs', ({ protocol }) =>
  protocol === 'http' ? undefined : 'It speaks HTTP alone.',
)

function nodeRow(name: string, file: string, cannot: Row['cannot']): Row {
  const program = fileURLToPath(new URL(`bench/peers/${file}`, ROOT))
  const start: Row['start'] = (_, cpus) => launchProgram([process.execPath, program], { cpus })
  return { name, wait: 'node', io: 'node', isParallel: false, start, cannot }
}
