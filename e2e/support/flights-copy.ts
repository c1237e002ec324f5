import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from '@playwright/test'
import { FLIGHTS, labTable, type TableIdentifier } from './addresses'
import { asEditor, createNamespace } from './empty-table'
import { apiPath, fetchTableDetail, localPath } from './lake'
import { home } from './personas'

/**
 * Registers a table with the snapshots, refs and partition specs of `demo.flights`, for a test that changes them: other
 * tests read `demo.flights` at the same time. The copy has its own uuid, folder and metadata. It shares manifests and
 * data files with the original, so a test must not remove any.
 */
export async function copyFlights(name: string): Promise<TableIdentifier> {
  const table = labTable(name)
  const folder = path.join(home(), 'warehouse', 'lab', name)
  const file = path.join(folder, 'metadata', `00000-${randomUUID()}.metadata.json`)
  await asEditor(async (editor) => {
    await createNamespace(editor)
    const { metadataLocation, tableUuid } = await fetchTableDetail(editor, FLIGHTS)
    // As text, because ids of snapshots have 64 bits.
    const metadata = (await readFile(localPath({ path: metadataLocation }), 'utf8'))
      .replaceAll(tableUuid, randomUUID())
      .replace(/"location":"[^"]+"/, `"location":"${pathToFileURL(folder).href}"`)
      .replace(/"metadata-log":\[[^\]]*\]/, '"metadata-log":[]')
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, metadata)
    const registered = await editor.post(apiPath(table).replace('/tables/', '/registered-tables/'), {
      data: { metadataLocation: pathToFileURL(file).href, idempotencyKey: randomUUID() },
    })
    expect(registered.status(), await registered.text()).toBe(200)
  })
  return table
}
