'use client'
import { OwnerLink } from '@/components/about/owner-link'
import { TagList } from '@/components/about/tag-list'
import { BreakableName } from '@/components/ui/values/breakable-name'
import { ExactTime } from '@/components/ui/values/exact-time'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { Mono } from '@/components/ui/values/mono'
import { Panel } from '@/components/ui/panel'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import { namespaceLabel } from '@/lib/names/identifiers'
import { readAbout } from '@/lib/iceberg/properties/about'
import classes from './view-about.module.css'

/** Facts about a view: defaults for names in its SQL, location, properties and summary. */
export function ViewAbout({ detail, shown }: { detail: ViewDetail; shown: ViewVersion }) {
  const { description, owner, tags, badgeReason, badge } = readAbout(detail.properties)
  const facts: Fact[] = [
    ...(owner === null ? [] : [['Owner', <OwnerLink key="owner" owner={owner} />] as const]),
    ...(tags.length === 0 ? [] : [['Tags', <TagList key="tags" tags={tags} hasLinks />] as const]),
    ...(badgeReason === null ? [] : [[badge === 'deprecated' ? 'Deprecated' : 'Certified', badgeReason] as const]),
    ['Default catalog', shown.defaultCatalog === null ? 'catalog of the view' : <Mono>{shown.defaultCatalog}</Mono>],
    [
      'Default namespace',
      shown.defaultNamespace.length === 0 ? 'none' : <Mono>{namespaceLabel(shown.defaultNamespace)}</Mono>,
    ],
    ['Created', <ExactTime key="created" atMs={shown.createdAtMs} />],
    ['View id', <Mono key="uuid">{detail.viewUuid}</Mono>],
    ['Format', `v${detail.formatVersion}`],
    [
      'Location',
      <Mono key="location">
        <BreakableName>{detail.location}</BreakableName>
      </Mono>,
    ],
    [
      'Metadata file',
      <Mono key="metadata">
        <BreakableName>{detail.metadataLocation}</BreakableName>
      </Mono>,
    ],
    ...Object.entries(shown.summary).map(
      ([name, value]): Fact => [<Mono key="name">{name}</Mono>, <Mono key="value">{value}</Mono>],
    ),
  ]
  return (
    <Panel title="About" subtitle={`version ${shown.versionId}`}>
      {description !== null && <p className={classes.comment}>{description}</p>}
      <Facts facts={facts} />
    </Panel>
  )
}
