import 'server-only'
import {
  entryLabel,
  joinNamespace,
  type Namespace,
  namespaceLabel,
  type TableIdentifier,
} from '@/lib/names/identifiers'
import { type Actor, canEnter, isPermitted } from '@/server/auth/actor'
import type { AuditEntry, AuditState } from '@/server/db/audit'

/** Names of tables in texts that readers of another table see. A name is hidden unless the reader may read its table. */

/** Whether the reader may read a table. */
export type MayRead = (table: TableIdentifier) => boolean

export function mayReadAs(actor: Actor): MayRead {
  return (table) => isPermitted(actor, 'table:read', table)
}

/** In place of a name of the table from when it was in a namespace that the reader may not read. */
const HIDDEN_NAME = 'a hidden name'

/** More parts could be read in too many ways, so such a text is hidden. */
const MAX_PARTS = 10

/**
 * Whether the reader may read every table that a text such as `local.demo.flights` can name: levels of namespaces and
 * names of tables may contain dots, names of catalogs do not.
 */
export function mayReadNamed(text: string, mayRead: MayRead): boolean {
  const [catalog = '', ...parts] = text.split('.')
  const readings = readingsOf(parts).flatMap((names) => {
    const table = names.at(-1)
    return table === undefined || names.length < 2 ? [] : [{ catalog, namespace: names.slice(0, -1), table }]
  })
  return readings.length > 0 && readings.every(mayRead)
}

/** The names of a table before and after a rename or a move, for a reader of the table. */
export function shownNames({ table: target, before, after }: AuditEntry, actor: Actor): (state: AuditState) => string {
  const mayRead = mayReadAs(actor)
  const isWithinNamespace =
    before?.namespace !== undefined &&
    after?.namespace !== undefined &&
    joinNamespace(before.namespace) === joinNamespace(after.namespace)
  return ({ name = '', namespace: stored }) => {
    if (target === null) return HIDDEN_NAME
    const { catalog } = target
    const namespace = stored ?? (name === entryLabel(target) ? target.namespace : undefined)
    // An entry without the levels has been written by an earlier version.
    if (namespace === undefined) return mayReadNamed(`${catalog}.${name}`, mayRead) ? name : HIDDEN_NAME
    const isShown =
      mayRead({ catalog, namespace, table: nameWithin(namespace, name) }) ||
      // Where a role on the table alone lets the reader know the namespace.
      (isWithinNamespace && canEnter(actor, { catalog, namespace }))
    return isShown ? name : HIDDEN_NAME
  }
}

function nameWithin(namespace: Namespace, label: string): string {
  return label.slice(namespaceLabel(namespace).length + 1)
}

/** The names that dots may separate: `a.b` as `a` and `b`, and as one name. */
function readingsOf(parts: readonly string[]): string[][] {
  if (parts.length > MAX_PARTS) return []
  return parts.reduce<string[][]>(
    (readings, part) =>
      readings.length === 0
        ? [[part]]
        : readings.flatMap((names) => [
            [...names, part],
            [...names.slice(0, -1), `${names.at(-1)}.${part}`],
          ]),
    [],
  )
}
