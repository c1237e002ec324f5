import 'server-only'
import type { FactWriter } from '@/server/db/facts/fact-writers'

/** As other pages name the writer of a commit: the user, with the engine or else the client. Null: not known. */
export function toWriterLabel(writer: FactWriter | undefined): string | null {
  if (writer === undefined) return null
  const { username, engine, client } = writer
  return username === null ? engine : [username, engine ?? client ?? []].flat().join(' · ')
}
