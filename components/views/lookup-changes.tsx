import { type Fact, Facts } from '@/components/ui/values/facts'
import { Mono } from '@/components/ui/values/mono'
import { visibleText } from '@/lib/format/visible-text'
import { type ComparedDefault, compareDefaults, type NameDefaults } from '@/lib/changes/view-edits/compare-defaults'
import classes from './lookup-changes.module.css'

type LookupChangesProps = {
  before: NameDefaults
  after: NameDefaults
  /** Whether the SQL is the same, so that nothing but this says which tables it reads now. */
  isSqlUnchanged: boolean
}

/** Where names of the SQL are looked up before and after a change of the defaults. Nothing without one. */
export function LookupChanges({ before, after, isSqlUnchanged }: LookupChangesProps) {
  const changes = compareDefaults(before, after)
  if (changes.length === 0) return null
  return (
    <section className={classes.lookups}>
      <h3>Where names are looked up</h3>
      {isSqlUnchanged && <p>{unchangedSqlSentence(changes)}</p>}
      <Facts
        facts={changes.map(
          (one): Fact => [
            lookupLabel(one),
            <>
              <Lookup part={one.part} value={one.before} /> → <Lookup part={one.part} value={one.after} />
            </>,
          ],
        )}
      />
    </section>
  )
}

/** Where names of the SQL are looked up, when there is nothing to compare it with. */
export function Lookups({ defaults }: { defaults: NameDefaults }) {
  const nowhere = { defaultCatalog: null, defaultNamespace: [] }
  const stated = compareDefaults(nowhere, defaults)
  if (stated.length === 0) return null
  return (
    <section className={classes.lookups}>
      <h3>Where names are looked up</h3>
      <Facts
        facts={stated.map((one): Fact => [lookupLabel(one), <Lookup key="after" part={one.part} value={one.after} />])}
      />
    </section>
  )
}

export function lookupLabel({ part }: Pick<ComparedDefault, 'part'>): string {
  return `Names without a ${part}`
}

/** `demo → team`. */
export function lookupText({ part, before, after }: ComparedDefault): string {
  return [before, after].map((one) => (one === null ? UNSTATED[part] : visibleText(one))).join(' → ')
}

const UNSTATED: Record<ComparedDefault['part'], string> = { namespace: 'none', catalog: 'the catalog of the view' }

function Lookup({ part, value }: { part: ComparedDefault['part']; value: string | null }) {
  return value === null ? UNSTATED[part] : <Mono>{value}</Mono>
}

function unchangedSqlSentence(changes: readonly ComparedDefault[]): string {
  const names = `names without a ${changes.map(({ part }) => part).join(' or a ')}`
  // Engines have names of their own for catalogs, and two of them can be one catalog.
  const isCertain = changes.some(({ part }) => part === 'namespace')
  return `The SQL stays as it is, but ${names} ${isCertain ? 'mean' : 'may mean'} other tables.`
}
