import type { TableIdentifier } from '@/lib/names/identifiers'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import type { Database } from '@/server/db/database'
import { queueRun } from '@/server/db/jobs/runs'
import { toRunActor } from '@/server/jobs/change-run'
import { type CloneSpec, toCloneTask } from '@/server/lifecycle/clone/clone-task'

/** Queues the run of a clone without the checks of its action. Returns the id of the run. */
export function queueClone(database: Database, target: TableIdentifier, spec: CloneSpec): Promise<string> {
  return queueRun(database, toCloneTask(target, spec, toRunActor(TEST_ACTOR)))
}
