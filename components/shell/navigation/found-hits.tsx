'use client'
import { Spotlight } from '@mantine/spotlight'
import {
  IconCamera,
  IconColumns,
  IconEye,
  IconFile,
  IconFolder,
  IconGitBranch,
  IconInfoCircle,
  IconListDetails,
  IconRosetteDiscountCheck,
  IconTable,
  IconTag,
  IconTerminal2,
  IconUsers,
  type TablerIcon,
} from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useReadQuery } from '@/lib/client/queries'
import type { FoundHit, FoundQuery } from '@/lib/contract/search'
import { visibleText } from '@/lib/format/visible-text'
import { namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { isShared } from '@/lib/search/entry-kinds'
import { foldText, markMatches } from '@/lib/search/fold-text'
import { hitAddress, hitKey } from './hit-address'
import { PaletteAction } from './palette-action'
import { palette } from './palette-store'

const KINDS: Readonly<Record<FoundHit['kind'], { label: string; icon: TablerIcon }>> = {
  table: { label: 'Tables', icon: IconTable },
  view: { label: 'Views', icon: IconEye },
  namespace: { label: 'Namespaces', icon: IconFolder },
  column: { label: 'Columns', icon: IconColumns },
  tag: { label: 'Tags', icon: IconTag },
  badge: { label: 'Badges', icon: IconRosetteDiscountCheck },
  owner: { label: 'Owners', icon: IconUsers },
  description: { label: 'Descriptions', icon: IconInfoCircle },
  property: { label: 'Properties', icon: IconListDetails },
  snapshot: { label: 'Snapshots', icon: IconCamera },
  ref: { label: 'Branches and tags of snapshots', icon: IconGitBranch },
  file: { label: 'Files', icon: IconFile },
}
type FoundHitsProps = {
  hits: readonly FoundHit[]
  queries: readonly FoundQuery[]
  /** Folded. */
  words: readonly string[]
  /** Whether the search names a kind. */
  isNarrowed: boolean
  onNarrow: (query: string) => void
}

/** Search results, in groups by kind, and saved queries, which are first if only they have all words in their names. */
export function FoundHits({ hits, queries, words, isNarrowed, onNarrow }: FoundHitsProps) {
  const router = useRouter()
  const readQuery = useReadQuery()
  const kinds = [...new Set(hits.map(({ kind }) => kind))]
  const openQuery = (queryId: string) =>
    readQuery.mutate(queryId, {
      onSuccess: () => {
        palette.close()
        router.push(paths.savedQuery(queryId))
      },
    })
  const isQueryCloser = hasAllWords(queries[0]?.name, words) && !hasAllWords(hits[0]?.name, words)
  const foundQueries = queries.length > 0 && (
    <Spotlight.ActionsGroup label="Saved queries">
      {queries.map(({ queryId, name, ownerName }) => (
        <PaletteAction
          key={queryId}
          icon={IconTerminal2}
          label={name}
          parts={markMatches(name, words)}
          description={readQuery.isPending && readQuery.variables === queryId ? 'Opening…' : ownerName}
          // Its text is read first. If the palette closed, it would neither open the query nor report a failure.
          staysOpen
          onGo={() => openQuery(queryId)}
        />
      ))}
    </Spotlight.ActionsGroup>
  )
  return (
    <>
      {isQueryCloser && foundQueries}
      {kinds.map((kind) => (
        <Spotlight.ActionsGroup key={kind} label={KINDS[kind].label}>
          {hits
            .filter((hit) => hit.kind === kind)
            .map((hit) => {
              const isGroup = !isNarrowed && isShared(kind)
              const label = visibleText(labelOf(hit))
              return (
                <PaletteAction
                  key={hitKey(hit)}
                  icon={KINDS[kind].icon}
                  label={label}
                  parts={markMatches(label, words)}
                  detail={isGroup || hit.detail === null ? null : visibleText(hit.detail)}
                  {...(!isGroup && { description: visibleText(descriptionOf(hit)) })}
                  staysOpen={isGroup}
                  onGo={() => (isGroup ? onNarrow(`${kind}:${hit.name}`) : router.push(hitAddress(hit)))}
                />
              )
            })}
        </Spotlight.ActionsGroup>
      ))}
      {!isQueryCloser && foundQueries}
      {readQuery.error && (
        <Spotlight.Empty role="alert">The query could not be opened: {readQuery.error.message}</Spotlight.Empty>
      )}
    </>
  )
}

/** Hits have words in the names of their parents and in descriptions, too, and are less close then. */
function hasAllWords(name: string | undefined, words: readonly string[]): boolean {
  return name !== undefined && words.every((word) => foldText(name).includes(word))
}

function labelOf({ kind, namespace, entry, name }: FoundHit): string {
  return kind === 'table' || kind === 'view' || kind === 'namespace'
    ? [namespaceLabel(namespace), ...(entry === null ? [] : [entry.name])].join('.')
    : name
}

/** The catalog of an object; the object of an entry within it. */
function descriptionOf({ kind, catalog, namespace, entry }: FoundHit): string {
  return kind === 'table' || kind === 'view' || kind === 'namespace'
    ? catalog
    : [catalog, [namespaceLabel(namespace), ...(entry === null ? [] : [entry.name])].join('.')].join(' · ')
}
