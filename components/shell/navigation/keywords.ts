import { paths } from '@/lib/paths/paths'

/** Other words that people search for a page by. They are apart from the pages, because only the palette needs them. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  // Tasks on the page of a table, which is reached from there.
  [paths.catalogs()]: [
    'tables',
    'views',
    'catalogs',
    'namespaces',
    'browse',
    'create',
    'drop',
    'delete',
    'purge',
    'rename',
    'move',
    'schema',
    'partition',
    'sort order',
    'snapshots',
    'branches',
    'tags',
    'rollback',
    'roll back',
    'expire',
    'undo',
  ],
  [paths.query()]: ['sql', 'select', 'editor'],
  [paths.jobs()]: ['runs', 'tasks', 'maintenance', 'compaction'],
  [paths.audit()]: ['log', 'events', 'history', 'who'],
  [paths.account()]: ['password', 'profile', 'credentials'],
  [paths.tokens()]: ['api keys', 'bearer', 'secrets'],
  [paths.connections()]: ['catalogs', 'rest', 'glue', 'nessie'],
  [paths.users()]: ['permissions', 'grants', 'roles', 'groups', 'people', 'invite', 'requests'],
  [paths.apiReference()]: ['openapi', 'endpoints', 'rest'],
}

export function keywordsOf(href: string): readonly string[] {
  return KEYWORDS[href] ?? []
}
