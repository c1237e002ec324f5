/**
 * A program that does one append, or one commit over the REST catalog, and kills itself right before a step: the one
 * with the given number, or the first one with the given name. Each change of the disk is a step, and so are the moments
 * before and after the transaction. Its arguments: `append` or `commit`, the table of `demo`, the id of the snapshot or
 * the idempotency key, and the step.
 */
export const COMMIT_PROGRAM = `
import { writeSync } from 'node:fs'
import { watchDisk } from '@/testing/faults/watch-disk'
import { handleRestRequest } from '@/testing/catalogs/handle-rest-request'
import { appendTenRows } from '@/testing/catalogs/verify-table'
import { touchesTable } from '@/testing/databases/change-sql'
import { services } from '@/testing/homes/program-services'

const [, , work, table, given, stopAt] = process.argv
let steps = 0
function step(what) {
  steps += 1
  if (steps !== Number(stopAt) && what !== stopAt) return
  writeSync(1, 'killed at ' + what + '\\n')
  process.kill(process.pid, 'SIGKILL')
  for (;;) {}
}

async function main() {
  const { database } = services
  const { commit } = database
  database.commit = async (changes) => {
    const isCommit = touchesTable(changes, 'iceberg_tables')
    if (isCommit) step('before the swap')
    const changed = await commit(changes)
    if (isCommit) step('after the swap')
    return changed
  }
  watchDisk({ before: ({ kind, path, to }) => step(kind + ' ' + (to ?? path)) })
  if (work === 'append') await appendTenRows(services, { catalog: 'local', namespace: ['demo'], table }, given)
  else await setProperty()
  writeSync(1, 'acknowledged\\n')
  await database.close()
}

async function setProperty() {
  const response = await handleRestRequest(services, new Request('http://localhost/iceberg/v1/local/namespaces/demo/tables/' + table, {
    method: 'POST',
    headers: { authorization: 'Bearer ' + process.env.TOKEN, 'content-type': 'application/json', 'idempotency-key': given },
    body: JSON.stringify({ requirements: [], updates: [{ action: 'set-properties', updates: { k: 'v' } }] }),
  }))
  if (response.status !== 200) throw new Error(await response.text())
}
void main()
`
