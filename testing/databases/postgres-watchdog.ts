import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { killTree } from '../processes/process-tree.ts'

/**
 * Runs next to a PostgreSQL server of a test: `node testing/databases/postgres-watchdog.ts <folder>`. Each line of its
 * input is the id of the server's process, or empty while there is none. When the input ends, the process that wrote it
 * has died: the watchdog then ends the server and removes its folder.
 */

const folder = process.argv[2] ?? ''
let serverPid = 0
for await (const line of createInterface({ input: process.stdin })) serverPid = Number(line)
if (serverPid > 0) await killTree(serverPid)
rmSync(folder, { recursive: true, force: true })
