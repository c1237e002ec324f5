import { expect, it } from 'vitest'
import { asViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import { breadcrumbTrail } from './breadcrumb-trail'

const labels = (pathname: string) => breadcrumbTrail(pathname).map(({ label }) => label)
const orders = { catalog: 'lake', namespace: ['sales', 'eu'], table: 'orders' }

it('names the pages outside the catalogs', () => {
  expect(labels('/')).toEqual(['Home'])
  expect(labels('/dashboards/compression')).toEqual(['Dashboards', 'Compression'])
})

it('leads from a run back to the list', () => {
  expect(breadcrumbTrail('/jobs/01ABC')).toEqual([
    { label: 'Jobs', href: '/jobs' },
    { label: 'Run', href: null, named: { kind: 'run', id: '01ABC' } },
  ])
})

it('leads from a load back to the form', () => {
  expect(breadcrumbTrail(paths.loadRun('01ABC'))).toEqual([
    { label: 'Load', href: paths.load() },
    { label: 'Run', href: null, named: { kind: 'run', id: '01ABC' } },
  ])
})

it('leads from a connection back to the list', () => {
  expect(breadcrumbTrail(paths.newConnection())).toEqual([
    { label: 'Settings', href: null },
    { label: 'Connections', href: paths.connections() },
    { label: 'Add', href: null },
  ])
  expect(labels(paths.connection('01J'))).toEqual(['Settings', 'Connections', 'Change'])
  expect(labels(paths.connections())).toEqual(['Settings', 'Connections'])
})

it('goes down the catalog level by level and ends in the tab', () => {
  expect(labels(paths.table(orders, 'data'))).toEqual(['lake', 'sales', 'eu', 'orders', 'Data'])
  expect(labels(paths.table(orders))).toEqual(['lake', 'sales', 'eu', 'orders', 'Overview'])
})

it('links every step except the current page', () => {
  expect(breadcrumbTrail(paths.namespace('lake', ['sales', 'eu']))).toEqual([
    { label: 'lake', href: paths.catalog('lake') },
    { label: 'sales', href: paths.namespace('lake', ['sales']) },
    { label: 'eu', href: null },
  ])
})

it('keeps dots and slashes within a namespace level', () => {
  expect(labels(paths.namespace('lake', ['a.b', 'c/d']))).toEqual(['lake', 'a.b', 'c/d'])
})

it('ends in the view, which has no tabs', () => {
  expect(labels(paths.view(asViewIdentifier(orders)))).toEqual(['lake', 'sales', 'eu', 'orders'])
  expect(breadcrumbTrail(paths.view(asViewIdentifier(orders))).map(({ href }) => href !== null)).toEqual([
    true,
    true,
    true,
    false,
  ])
})

it('goes below the tab to the page of it', () => {
  expect(breadcrumbTrail(paths.compressionStudio(orders)).slice(-2)).toEqual([
    { label: 'Settings', href: paths.table(orders, 'settings') },
    { label: 'Compression studio', href: null },
  ])
  expect(labels(new URL(snapshotPaths.comparison(orders), 'http://lake').pathname).slice(-2)).toEqual([
    'Snapshots',
    'Compare',
  ])
  expect(labels(paths.proposal(orders, '01J')).slice(-2)).toEqual(['History', 'Proposals'])
  const { catalog, namespace } = orders
  expect(labels(paths.proposal({ catalog, namespace }, '01J')).slice(-2)).toEqual([namespace.at(-1), 'Proposals'])
})

it('leads from a new view back to its namespace', () => {
  expect(breadcrumbTrail(paths.newView('lake', ['sales', 'eu'])).slice(-2)).toEqual([
    { label: 'eu', href: paths.namespace('lake', ['sales', 'eu']) },
    { label: 'New view', href: null },
  ])
})

it('leads from a new table back to its namespace', () => {
  expect(breadcrumbTrail(paths.newTable('lake', ['sales', 'eu'])).slice(-2)).toEqual([
    { label: 'eu', href: paths.namespace('lake', ['sales', 'eu']) },
    { label: 'New table', href: null },
  ])
})

it('leads from the warehouse to its catalog', () => {
  expect(breadcrumbTrail(paths.warehouse('lake é'))).toEqual([
    { label: 'lake é', href: paths.catalog('lake é') },
    { label: 'Warehouse', href: null },
  ])
})
