import { readFileSync } from 'node:fs'
import { AREAS, type Area } from './areas.ts'
import { chooseFaults } from './choose-faults.ts'
import type { Fault } from './fault.ts'
import { findFaults } from './find-faults.ts'
import type { NumberedFault } from './switchable-source.ts'

export type ListedFault = NumberedFault & { area: string }

/** The faults that are seeded into these files, by area. */
export function listFaults(files: readonly string[], count: number): ListedFault[] {
  const chosen = chooseFaults(
    AREAS.map((area) => candidatesIn(area, files)),
    count,
  )
  return chosen.map((fault, index) => ({ ...fault, number: index + 1 }))
}

function candidatesIn(
  { name, roots, permissionsIn = [] }: Area,
  files: readonly string[],
): (Fault & { area: string })[] {
  const find = (root: string): Fault[] => {
    const sources = files.filter(
      (file) => (file === root || file.startsWith(`${root}/`)) && /(?<!\.test)\.ts$/.test(file),
    )
    if (sources.length === 0) throw new Error(`There is no source in ${root}, which areas.ts names.`)
    return sources.flatMap((file) => findFaults(file, readFileSync(file, 'utf8')))
  }
  const permissions = permissionsIn.flatMap(find).filter(({ kind }) => kind === 'weaker permission')
  return [...roots.flatMap(find), ...permissions].map((fault) => ({ ...fault, area: name }))
}
