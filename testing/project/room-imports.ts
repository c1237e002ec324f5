import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

/** An import of product code by product code, types included: two files. */
export type RoomImport = readonly [from: string, to: string]

/** Every import between files of `app`, `components`, `lib` and `server`, without tests. Takes two seconds. */
export function readImports(): RoomImport[] {
  const files = globSync('{app,components,lib,server}/**/*.{ts,tsx}').filter((file) => !/[.]test[.]tsx?$/.test(file))
  return files.flatMap((file) =>
    ts
      .preProcessFile(readFileSync(file, 'utf8'), true, true)
      .importedFiles.map(({ fileName }) => resolveImport(file, fileName))
      .filter((imported) => imported !== null)
      .map((imported): RoomImport => [file, imported]),
  )
}

/**
 * Rooms that import each other, directly or by way of others.
 *
 * @param roomOf null for a file that is in no room
 * @returns each circle with its rooms in order, empty if every room only imports rooms below it
 */
export function findCircles(imports: readonly RoomImport[], roomOf: (file: string) => string | null): string[][] {
  const imported = new Map<string, Set<string>>()
  for (const [from, to] of imports) {
    const [a, b] = [roomOf(from), roomOf(to)]
    if (a === null || b === null || a === b) continue
    imported.set(a, (imported.get(a) ?? new Set()).add(b))
  }
  const reached = new Map([...imported.keys()].map((room) => [room, reachedFrom(room, imported)]))
  const inCircles = [...reached].filter(([room, rooms]) => rooms.has(room))
  const groups = Map.groupBy(inCircles, ([room, rooms]) =>
    [...rooms]
      .filter((other) => reached.get(other)?.has(room))
      .toSorted()
      .join(' '),
  )
  return [...groups.keys()].toSorted().map((rooms) => rooms.split(' '))
}

function reachedFrom(room: string, imported: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const reached = new Set<string>()
  const waiting = [...(imported.get(room) ?? [])]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reached.has(next)) continue
    reached.add(next)
    waiting.push(...(imported.get(next) ?? []))
  }
  return reached
}

/** Null for a package, and for a style sheet. */
function resolveImport(file: string, name: string): string | null {
  if (!name.startsWith('@/') && !name.startsWith('.')) return null
  const target = name.startsWith('@/') ? name.slice(2) : path.posix.join(path.posix.dirname(file), name)
  return [target, `${target}.ts`, `${target}.tsx`].find((one) => /[.]tsx?$/.test(one) && existsSync(one)) ?? null
}
