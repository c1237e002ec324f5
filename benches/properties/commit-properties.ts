import { createServices } from '@/server/program/create-services'
import { parseConfig } from '@/server/config/config'
import { handleRestRequest } from '@/testing/catalogs/handle-rest-request'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }

/**
 * Commits one property after another to a table, through the REST catalog without a network.
 *
 * @param folder for a new home
 * @returns the processor time of a commit, for each hundred of them
 */
export async function commitProperties(folder: string, count: number): Promise<number[]> {
  Object.assign(process.env, { LAKESHORE_HOME: folder, LAKESHORE_LOG_LEVEL: 'silent' })
  const services = createServices(parseConfig({ LAKESHORE_HOME: folder, LAKESHORE_LOG_LEVEL: 'silent' }))
  const token = await createRestTokenAs(services, 'editor')
  const send = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const url = `http://localhost:3000/iceberg/v1/local/namespaces${path}`
    const response = await handleRestRequest(
      services,
      new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }),
    )
    const text = await response.text()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 500)}`)
  }
  try {
    await send('', { namespace: ['bench'] })
    await send('/bench/tables', { name: 't', schema: SCHEMA })
    const perCommitMs: number[] = []
    let used = process.cpuUsage()
    for (let i = 1; i <= count; i += 1) {
      const updates = [{ action: 'set-properties', updates: { [`key-${i}`]: `the value of ${i}` } }]
      await send('/bench/tables/t', { requirements: [], updates })
      if (i % 100 !== 0) continue
      const { user, system } = process.cpuUsage(used)
      perCommitMs.push((user + system) / 1000 / 100)
      used = process.cpuUsage()
    }
    return perCommitMs
  } finally {
    await services.database.close()
  }
}
