import { expect, it } from 'vitest'
import { requireConfirmedName } from './confirmed-name'

const TABLE = { catalog: 'prod', namespace: ['shop', 'eu'], table: 'orders' }
const VIEW = { catalog: 'prod', namespace: ['shop'], view: 'by_city' }
const NAMESPACE = { catalog: 'prod', namespace: ['shop', 'eu'] }

it.each([
  [TABLE, 'shop.eu.orders'],
  [TABLE, 'prod.shop.eu.orders'],
  [VIEW, 'prod.shop.by_city'],
  [NAMESPACE, 'prod.shop.eu'],
  [NAMESPACE, 'shop.eu'],
])('accepts the name with or without its catalog: %j as %s', (entry, name) => {
  expect(() => requireConfirmedName(entry, name)).not.toThrow()
})

it.each([[undefined], [''], ['orders'], ['local.shop.eu.orders'], ['PROD.shop.eu.orders']])(
  'refuses any other name, such as that of another catalog: %s',
  (name) => {
    expect(() => requireConfirmedName(TABLE, name)).toThrow('To confirm, type shop.eu.orders.')
  },
)
