import { expect, it } from 'vitest'
import { schemaRows } from './schema-rows'

it('lists nested fields under their parent, with their ids', () => {
  const rows = schemaRows({
    identifierFieldIds: [1],
    fields: [
      { id: 1, name: 'id', required: true, type: 'long' },
      {
        id: 2,
        name: 'legs',
        required: false,
        doc: 'in order',
        type: {
          type: 'list',
          elementId: 3,
          elementRequired: true,
          element: { type: 'struct', fields: [{ id: 4, name: 'tail', required: false, type: 'string' }] },
        },
      },
    ],
  })
  expect(rows.map(({ id, name, depth }) => [id, name, depth])).toEqual([
    [1, 'id', 0],
    [2, 'legs', 0],
    [3, 'element', 1],
    [4, 'tail', 2],
  ])
  expect(rows[0]).toMatchObject({ isIdentifier: true, isRequired: true, doc: null })
  expect(rows[1]).toMatchObject({ isIdentifier: false, doc: 'in order' })
})
