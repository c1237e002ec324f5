import { expect, it } from 'vitest'
import { taskColumns, toTask, type NewTask } from './task-columns'

const TASK: NewTask = {
  kind: 'ingest',
  title: "Load it's.csv",
  spec: { input: 'file:///a "b"\n', partitionBy: null, limits: [1, 2.5] },
  actor: { userId: 'u1', username: 'größe', role: 'editor' },
  table: { catalog: 'local', namespace: ['a.b', 'c'], table: 't' },
}

it('A task is read back from its columns as it was stored', () => {
  expect(toTask(taskColumns({ ...TASK, exclusiveKey: 'k' }))).toEqual({ ...TASK, exclusiveKey: 'k' })
  expect(toTask(taskColumns(TASK))).toEqual({ ...TASK, exclusiveKey: null })
})

it('A task without a table has no part of a table in its columns', () => {
  const columns = taskColumns({ ...TASK, table: null })
  expect(columns).toMatchObject({ catalog: null, namespace: null, table_name: null })
  expect(toTask(columns).table).toBeNull()
})

it('Levels of a namespace with dots are not mistaken for two levels', () => {
  const asTwo = taskColumns({ ...TASK, table: { catalog: 'local', namespace: ['a', 'b', 'c'], table: 't' } })
  expect(taskColumns(TASK).namespace).not.toBe(asTwo.namespace)
})
