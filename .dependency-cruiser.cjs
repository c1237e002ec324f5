const FLOORS = require('./rooms.cjs')

/**
 * One rule for each room of a floor: it imports only rooms before it. Files that are in no room of the floor are the
 * lowest of all.
 */
function lookDown([parent, groups]) {
  const rooms = Object.values(groups).flat()
  const rules = rooms.slice(0, -1).map((room, index) => ({
    name: `${parent.replaceAll('/', '-')}-${room.replace(/[.]ts$/, '')}-looks-down`,
    severity: 'error',
    comment: `Rooms of ${parent} import only those before them, types included: ${rooms.join(', ')}.`,
    from: { path: pathOf(parent, [room]), pathNot: '[.]test[.]tsx?$' },
    to: { path: pathOf(parent, rooms.slice(index + 1)) },
  }))
  return rules
}

/** A room is a folder or one file. */
function pathOf(parent, rooms) {
  return `^${parent}/(${rooms.map((room) => (room.endsWith('.ts') ? room.replace('.', '[.]') + '$' : room + '/')).join('|')})`
}

/** Which room may import from which. Each rule says why; the message shows it on a violation. */
module.exports = {
  forbidden: [
    {
      name: 'lib-is-the-ground-floor',
      severity: 'error',
      comment: 'lib runs anywhere and is tested with no server and no browser.',
      from: { path: '^lib/' },
      to: { path: '^(app|components|server)/' },
    },
    {
      name: 'lib-core-has-no-framework',
      severity: 'error',
      comment: 'Only lib/client may know React, react-query or duckdb-wasm; the rest is plain TypeScript and zod.',
      from: { path: '^lib/', pathNot: ['^lib/client/', '[.]test[.]ts$'] },
      to: { path: ['^lib/client/', 'node_modules/(react|next|@tanstack|@duckdb|recharts|next-auth)/'] },
    },
    ...Object.entries(FLOORS).flatMap(lookDown),
    {
      name: 'figures-from-facts-open-no-catalog',
      severity: 'error',
      comment: 'Dashboards that read the history answer as fast when a catalog is down or a lake is large.',
      from: { path: '^server/(metrics/facts/|endpoints/home[.]ts$)', pathNot: '[.]test[.]ts$' },
      to: {
        path: '^server/(catalog|storage|credentials|connections|table|facts|metrics/(lake|sizes|columns))/',
      },
    },
    {
      name: 'every-room-has-its-place',
      severity: 'error',
      comment: 'rooms.cjs names every room in the order of its floor.',
      from: {
        path: '^(lib|components|server)/[^/]+/',
        pathNot: ['lib', 'components', 'server'].map((floor) => pathOf(floor, Object.values(FLOORS[floor]).flat())),
      },
      to: {},
    },
    {
      name: 'loose-files-of-lib-are-its-ground',
      severity: 'error',
      comment: 'Every room may import errors.ts and similar files, so they import no room.',
      from: { path: '^lib/[^/]+[.]ts$', pathNot: '[.]test[.]ts$' },
      to: { path: '^lib/[^/]+/' },
    },
    {
      name: 'product-knows-no-tests',
      severity: 'error',
      comment: 'testing/ and scripts/ are not part of the product.',
      from: { path: '^(app|components|lib|server)/', pathNot: '[.]test[.]tsx?$' },
      to: { path: '^(testing|scripts)/' },
    },
    {
      name: 'lib-has-no-node',
      severity: 'error',
      comment: 'lib runs in the browser too: bytes, compression and time are handed in.',
      from: { path: '^lib/', pathNot: '[.]test[.]ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'server-does-not-draw',
      severity: 'error',
      comment: 'The server returns data; it knows neither components nor the browser client.',
      from: { path: '^server/', pathNot: '[.]test[.]ts$' },
      to: { path: '^(app|components|lib/client)/' },
    },
    {
      name: 'only-query-processes-run-sessions',
      severity: 'error',
      comment:
        'The process of a query runs the query session of the browser, over our own API. Nothing else in server/ calls that API.',
      from: { path: '^server/(?!engines/duckdb/process/)', pathNot: '[.]test[.]ts$' },
      to: { path: '^lib/(api|query/(load|session))/' },
    },
    {
      name: 'query-processes-are-apart',
      severity: 'error',
      comment: 'The code of a query process is bundled for it; the server knows only its messages.',
      from: { path: '^server/(?!engines/duckdb/process/)', pathNot: '[.]test[.]ts$' },
      to: { path: '^server/engines/duckdb/process/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sessions-have-their-tables-handed-in',
      severity: 'error',
      comment: 'lib/query reads tables, views and files through ports; lib/api has the readers over our own API.',
      from: { path: '^lib/query/', pathNot: '[.]test[.]ts$' },
      to: { path: '^lib/api/' },
    },
    {
      name: 'components-ask-through-the-contract',
      severity: 'error',
      comment: 'A component reaches data through lib/client; importing server code would ship it to the browser.',
      from: { path: '^components/' },
      to: { path: '^(app|server)/' },
    },
    {
      name: 'queries-know-no-engine',
      severity: 'error',
      comment:
        'What draws and starts queries knows the port lib/query/engine.ts; lib/client/engines.ts has the adapters.',
      from: { path: '^(components/query|lib/client/query)/', pathNot: '[.]test[.]tsx?$' },
      to: {
        path: ['^lib/client/duckdb/', '^lib/query/(duckdb|load|session)/', 'node_modules/(@duckdb|apache-arrow)/'],
      },
    },
    {
      name: 'the-engine-port-knows-no-adapter',
      severity: 'error',
      comment: 'The types of lib/query/engine.ts fit every engine.',
      from: { path: '^lib/query/engine[.]ts$' },
      to: { path: ['^lib/query/(duckdb|load|session)/', 'node_modules/(@duckdb|apache-arrow)/'] },
    },
    {
      name: 'ui-knows-no-domain',
      severity: 'error',
      comment: 'components/ui is the drawer of plain parts: no Iceberg words, no fetching.',
      from: { path: '^components/ui/' },
      to: { path: '^(components/(?!ui/)|lib/(iceberg|contract|client|health)/)' },
    },
    {
      name: 'pages-do-not-open-the-server',
      severity: 'error',
      comment:
        'Pages draw, routes bind. In app/, only routes, server layouts, first-view.tsx and page-titles.ts import server/; the sign-in page asks how people may sign in, and who has to change a password.',
      from: { path: '^app/', pathNot: ['/route[.]ts$', '/layout[.]tsx$', '^app/(first-view[.]tsx|page-titles[.]ts)$'] },
      to: { path: '^server/(?!program/sign-in-methods[.]ts$)' },
    },
    {
      name: 'routes-only-bind',
      severity: 'error',
      comment: 'Next bundles what a route imports once more: a stateful module would exist twice in the process.',
      from: { path: '^app/.*/route[.]ts$' },
      to: { path: '^server/(?!program/bind[.]ts$)' },
    },
    {
      name: 'layouts-ask-only-for-the-session',
      severity: 'error',
      comment: 'A layout may ask the program who is signed in; everything else comes through the contract.',
      from: { path: '^app/.*layout[.]tsx$' },
      to: { path: '^server/(?!program/require-session[.]ts$)' },
    },
    {
      name: 'first-views-ask-as-the-page',
      comment:
        'The data of a page comes through the contract, with the checks of a request: no other way to the server.',
      severity: 'error',
      from: { path: '^app/first-view[.]tsx$' },
      to: { path: '^server/(?!program/(fetch-for-page|page-address)[.]ts$)' },
    },
    {
      name: 'next-holds-no-state',
      severity: 'error',
      comment:
        'The part of server/ that Next bundles reaches the program through its slot, and knows the rest by its types.',
      from: {
        path: [
          '^server/program/(bind|require-session|sign-in-methods|fetch-for-page|slot|program|page-address)[.]ts$',
          '^proxy[.]ts$',
        ],
      },
      to: {
        path: '^server/',
        pathNot: [
          '^server/program/(slot|program|page-address)[.]ts$',
          '^server/http/(page-headers|address-index)[.]ts$',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'page-headers-are-plain',
      severity: 'error',
      comment: 'proxy.ts, and so Next, bundles them once more than the program.',
      from: { path: '^server/http/page-headers[.]ts$' },
      to: { path: '^(server|lib)/' },
    },
    {
      name: 'the-program-is-made-in-one-place',
      severity: 'error',
      comment:
        'The web server makes the program, next dev (instrumentation.ts) and tests where there is no web server.',
      from: { pathNot: ['^server/web/main[.]ts$', '^instrumentation[.]ts$', '^(scripts|testing)/', '[.]test[.]ts$'] },
      to: { path: '^server/program/create-program[.]ts$' },
    },
    {
      name: 'contract-is-only-a-description',
      severity: 'error',
      comment: 'Both sides read the contract, so it knows names, errors, plain values and zod, and nothing that runs.',
      from: { path: '^lib/contract/' },
      to: {
        path: '^lib/(?!contract/|names/|iceberg/|changes/|errors[.]ts|permissions[.]ts|search/entry-kinds[.]ts|facts/(terms|history-table-names)[.]ts|ingest/(csv-options|readings/csv-question|load-mapping|load-landing|file-repeats|incremental-table)[.]ts)',
      },
    },
    {
      name: 'shapes-know-no-endpoint',
      severity: 'error',
      comment: 'Endpoints share shapes, so shapes come before them.',
      from: { path: '^lib/contract/shapes/' },
      to: { path: '^lib/contract/(?!shapes/)' },
    },
    {
      name: 'work-speaks-to-ports',
      severity: 'error',
      comment:
        'Adapters (server/catalog/rest/, server/storage/s3/, server/engines/duckdb/ …) are chosen in one place behind their port.',
      from: { path: '^server/(table|ingest|maintenance|metrics|jobs|worker|http|iceberg-rest|endpoints|program)/' },
      // The REST catalog signs requests for engines, in S3's own words. Whose folder is whose holds for every catalog.
      to: {
        path: '^server/(catalog|storage|engines)/[^/]+/',
        pathNot: ['^server/storage/s3/sign-storage-request[.]ts$', '^server/catalog/(folders|port)/'],
      },
    },
    {
      name: 'work-does-not-know-http',
      severity: 'error',
      comment:
        'Only endpoints, the Iceberg REST doors, the program and the web server answer HTTP; the rest throws AppError and returns values.',
      from: { path: '^server/(?!http/|iceberg-rest/|endpoints/|program/|web/|services[.]ts$)' },
      to: { path: '^server/http/' },
    },
    {
      name: 'one-way-to-other-servers',
      severity: 'error',
      comment: 'server/http-out judges the address it connects to; a request made elsewhere would go anywhere.',
      from: { path: '^server/(?!http-out/|web/)', pathNot: '[.]test[.]ts$' },
      to: { path: '^(node:)?(http|https|http2)$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'statements-stay-in-db',
      severity: 'error',
      comment: 'The nouns of server/db make queries and changes, so that a second database stays possible.',
      from: { path: '^(app|components|lib|server)/', pathNot: ['^server/db/', '[.]test[.]ts$'] },
      to: { path: '(^(node:)?sqlite$|node_modules/(kysely|pg)/|^server/db/(statement|query-builder|tables)[.]ts$)' },
    },
    {
      name: 'only-adapters-know-a-database',
      severity: 'error',
      comment: 'Behaviour of SQLite or PostgreSQL alone belongs to an adapter; a noun uses the dialect.',
      from: {
        path: '^server/db/(?!sqlite/|postgres/|copy/).*[.]ts$',
        pathNot: ['^server/db/(open-database|migrations)[.]ts$', '[.]test[.]ts$'],
      },
      to: { path: '(^(node:)?sqlite$|node_modules/pg/|^server/db/(sqlite|postgres)/)' },
    },
    {
      name: 'nobody-imports-app',
      severity: 'error',
      comment: 'app/ is the map of URLs, the top floor.',
      from: { pathNot: '^app/' },
      to: { path: '^app/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'Two modules that need each other are one module, or hide a third.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'No file imports this one: use it or remove it.',
      from: { orphan: true, pathNot: ['[.]d[.]ts$', '[.]test[.]tsx?$', '[.]config[.]', '^app/'] },
      to: {},
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^\\.next/' },
    // Neither the modules that import another nor figures of folders are asked for.
    skipAnalysisNotInRules: true,
    // Nothing changes while it runs, so what was found at a path holds until the end.
    enhancedResolveOptions: { cachedInputFileSystem: { cacheDuration: 600_000 } },
  },
}
