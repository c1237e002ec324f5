import 'server-only'
import type { ColumnType, Generated } from 'kysely'
import type { BulkTableState } from '@/lib/contract/bulk-table-states'
import type { RunState, ScheduleStart } from '@/lib/contract/jobs'
import type { RunLane } from '@/lib/contract/loads/load-lanes'
import type { Role } from '@/lib/permissions'
import type { FactTables } from './facts/fact-columns'
import type { PartitionTables } from './facts/partitions/partition-tables'
import type { StorageTables } from './facts/storage/storage-tables'
import type { SearchTables } from './search/search-tables'

/** The tables of rooms of their own. */
type SharedTables = SearchTables & FactTables & StorageTables & PartitionTables

/**
 * The tables as both databases have them. Times are milliseconds since 1970, flags are 0 or 1, objects are JSON text.
 * Namespaces in our own tables are levels joined by `joinNamespace`, those in the catalog's tables are levels joined by
 * dots.
 */
export type Tables = SharedTables & {
  iceberg_tables: {
    catalog_name: string
    table_namespace: string
    table_name: string
    metadata_location: string | null
    previous_metadata_location: string | null
    iceberg_type: string | null
  }
  iceberg_namespace_properties: {
    catalog_name: string
    namespace: string
    property_key: string
    property_value: string | null
  }
  table_folders: { catalog: string; namespace: string; table_name: string; folder: string }
  audit: {
    /** Assigned by the database, in the order in which entries were written. */
    seq: ColumnType<number, never, never>
    id: string
    at_ms: number
    actor_id: string
    actor_name: string
    action: string
    catalog: string | null
    namespace: string | null
    table_name: string | null
    table_uuid: string | null
    before: string | null
    after: string | null
    request_id: string | null
    undoes: string | null
    via: string | null
    /** The metadata file of the table's version after the change, taken out of `after`. */
    metadata_location: string | null
    /** Null: the server itself, without a request or a run. */
    origin: string | null
    /** Null: the change was acknowledged. */
    outcome: 'committed' | 'not-committed' | 'unknown' | null
  }
  /** The audit entries of the commits that added snapshots. */
  snapshot_writers: { table_uuid: string; snapshot_id: string; audit_id: string }
  /** Which clients read and wrote a table of our catalog on a day. */
  table_clients: {
    table_uuid: string
    /** Days since 1970-01-01, in UTC. */
    day: number
    /** Empty if the client names none; the same for `version` and `library`. */
    client: string
    version: string
    /** The library of a named engine, such as `Apache Iceberg 1.10.0`. */
    library: string
    access: 'read' | 'write'
  }
  proposals: {
    id: string
    entry_kind: 'table' | 'view' | 'namespace'
    catalog: string
    /** UUID of the table or view; for a namespace a key made of its name; empty after the namespace was dropped. */
    table_uuid: string
    /** The name of the entry now: both are null when it was dropped, and a namespace has no `table_name`. */
    namespace: string | null
    table_name: string | null
    title: string
    note: string
    /** JSON. */
    action: string
    proposer_id: string
    proposer_name: string
    created_at_ms: number
    expires_at_ms: number
    state: 'open' | 'committed' | 'returned' | 'withdrawn'
    decided_by: string | null
    decided_at_ms: number | null
    comment: string | null
    audit_id: string | null
    /** The change of many tables that it is a part of; null: it is a proposal of its own. */
    bulk_change_id: string | null
  }
  /** Namespaces in which the console commits proposals only. */
  change_policies: {
    catalog: string
    namespace: string
    changed_by: string
    changed_at_ms: number
    /** 1: engines that commit over the REST catalog, too. */
    includes_engines: number
  }
  /** How far the audit was forwarded. */
  audit_receivers: {
    name: string
    /** The `seq` of the last entry that was delivered. */
    position: number
    leased_by: string | null
    leased_until_ms: number
    delivered_at_ms: number | null
    failure_count: number
    failed_since_ms: number | null
    error: string | null
    retries_at_ms: number | null
  }
  pending_writes: {
    id: string
    catalog: string
    /** JSON: audit entries with their ids. */
    entries: string
    /** JSON. */
    evidence: string
    actor_id: string | null
    idempotency_key: string | null
    operation: string | null
    sent_at_ms: number
    /** When a worker may look up the outcome. */
    next_check_at_ms: number
    check_count: number
  }
  idempotency: { actor_id: string; key: string; operation: string; response: string; at_ms: number }
  users: {
    id: string
    username: string
    password_hash: string
    has_generated_password: number
    role: Role
    created_at_ms: number
    password_changed_at_ms: number
    /** Since when the user may not sign in; null: the user may. */
    disabled_at_ms: number | null
    /** 0: no role on everything; `role` is then `viewer` and has no effect. */
    has_role: Generated<number>
    display_name: string | null
    last_sign_in_at_ms: number | null
    /** 1: a service account, which never signs in and is used by its tokens only. */
    is_service: Generated<number>
  }
  user_groups: { id: string; name: string; source: 'console' | 'provider'; created_at_ms: number; created_by: string }
  group_members: { group_id: string; user_id: string }
  grants: ResourceTable & {
    id: string
    holder_kind: 'user' | 'group' | 'everyone'
    holder_id: string
    role: Role
    created_at_ms: number
    created_by: string
  }
  access_requests: ResourceTable & {
    id: string
    user_id: string
    role: Role
    note: string
    created_at_ms: number
    state: 'open' | 'granted' | 'refused' | 'withdrawn'
    settled_by: string | null
    settled_at_ms: number | null
    comment: string | null
  }
  /** Who users are at identity providers. */
  identities: { issuer: string; subject: string; user_id: string; created_at_ms: number }
  sessions: {
    id: string
    user_id: string
    created_at_ms: number
    expires_at_ms: number
    /** 1: opened with a password, not by an identity provider. */
    is_by_password: Generated<number>
  }
  /** Sign-ins with the identity provider that came back, by their state, until they could not be used anyway. */
  used_sign_ins: { state: string; ends_at_ms: number }
  sign_in_attempts: { key: string; attempts: number; pauses: number; paused_until_ms: number; last_attempt_ms: number }
  /** At most one row. */
  catalog_name: { id: number; name: string }
  /** Fingerprints of secrets, and the location of the warehouse, by the name of the setting. */
  shared_settings: { name: string; value: string }
  write_probe: { id: number; at_ms: number }
  data_file_sizes: {
    file_path: string
    table_uuid: string
    plain_bytes: number | null
    plain_source: 'counted' | 'size-statistics' | 'estimated' | null
    encoded_bytes: number
    stored_bytes: number
    codecs: string
  }
  workers: { id: string; seen_at_ms: number }
  tokens: {
    id: string
    user_id: string
    name: string
    secret_hash: string
    role: Role
    created_at_ms: number
    expires_at_ms: number
    last_used_at_ms: number | null
    revoked_at_ms: number | null
    /** Null: the token is not limited to a catalog or a namespace. */
    catalog: string | null
    namespace: string | null
    rotated_at_ms: number | null
    previous_secret_hash: string | null
    previous_ends_at_ms: number | null
    previous_used_at_ms: number | null
  }
  saved_queries: {
    id: string
    owner_id: string
    owner_name: string
    name: string
    sql: string
    is_shared: number
    created_at_ms: number
    changed_at_ms: number
    changed_by: string
    version: number
    /** JSON. */
    parameters: string
    /** Null: in no folder. */
    folder: string | null
    /** JSON; null: as a grid. */
    display: string | null
    /** Null: it was saved before connections were stored. */
    connection: string | null
  }
  saved_query_versions: {
    query_id: string
    version: number
    name: string
    sql: string
    /** JSON, as in the query. */
    parameters: string
    display: string | null
    connection: string | null
    /** Whether the query was shared when it was saved. */
    is_shared: number
    saved_at_ms: number
    saved_by: string
  }
  /** Favourites of users and their last visits. A row has at least one of both times. */
  shortcuts: {
    user_id: string
    kind: 'table' | 'view' | 'namespace' | 'query'
    /** Empty for a query. */
    catalog: string
    /** UUID of a table or a view, id of a query; of a namespace its levels, joined. */
    target: string
    /** The current namespace of a table or a view; empty for a query. */
    namespace: string
    /** Empty for a namespace and for a query. */
    name: string
    /** Whether the table or view was dropped, and can be restored. */
    is_dropped: number
    starred_at_ms: number | null
    visited_at_ms: number | null
  }
  metrics_reports: {
    id: string
    at_ms: number
    catalog: string
    namespace: string
    table_name: string
    kind: string
    snapshot_id: string | null
    user_id: string
    report: string
  }
  runs: TaskTable & {
    id: string
    state: RunState
    lane: Generated<RunLane>
    /** 0 unless it waits for uploads. */
    awaited_uploads: Generated<number>
    schedule_id: string | null
    created_at_ms: number
    started_at_ms: number | null
    attempt_started_at_ms: number | null
    finished_at_ms: number | null
    attempt: Generated<number>
    retries: Generated<number>
    next_attempt_at_ms: number | null
    starts_at_ms: number | null
    lease_owner: string | null
    lease_until_ms: number | null
    cancel_requested: Generated<number>
    progress: string | null
    journal: string | null
    outcome: string | null
    error: string | null
  }
  /** Changes of many tables. `selection` and `changes` are JSON. */
  bulk_changes: {
    id: string
    catalog: string
    selection: string
    changes: string
    user_id: string
    username: string
    created_at_ms: number
  }
  /** The tables of each, in the order of its list, with their results. */
  bulk_change_tables: {
    bulk_change_id: string
    position: number
    namespace: string
    table_name: string
    state: BulkTableState
    /** JSON, like the warnings. */
    intents: string | null
    warnings: string | null
    /** The version of a dropped table. */
    metadata_location: string | null
    problem: string | null
    audit_id: string | null
    proposal_id: string | null
    at_ms: number | null
  }
  run_logs: { run_id: string; seq: number; at_ms: number; level: 'info' | 'warning' | 'error'; text: string }
  schedules: TaskTable & {
    id: string
    cron: string
    time_zone: string
    is_enabled: number
    next_at_ms: number | null
    last_run_id: string | null
    skipped_at_ms: number | null
    /** Null: a schedule of the console itself, like both times. */
    owner_id: string | null
    created_at_ms: number | null
    changed_at_ms: number | null
    version: Generated<number>
    starts_by: Generated<ScheduleStart>
    /** JSON: the tables whose changes queue a run. */
    watched_tables: Generated<string>
    /** JSON: the snapshots of their `main` that the last run saw, in the same order; null: not read yet. */
    seen_heads: string | null
    /** JSON: how far the runs have come, as their kind says. */
    state: string | null
    /** Why it was disabled, if no user did it. */
    paused_because: string | null
  }
  /** Files that saved loads have loaded. */
  loaded_files: {
    schedule_id: string
    location: string
    path: string
    version: string
    size_bytes: number
    modified_at_ms: number | null
    run_id: string
    /** 0: the run is about to commit it, or has not. */
    is_loaded: number
  }
  /** The bytes that loads have read rows from, or are about to commit. */
  loaded_inputs: {
    run_id: string
    /** In the order in which the run read them. */
    position: number
    table_uuid: string
    size_bytes: number
    sha256: string
    file_name: string
  }
  /** Files that users are uploading, or have uploaded, until a run has loaded them. */
  uploads: {
    id: string
    user_id: string
    /** The table that the file is for, which may not exist yet. */
    catalog: string
    namespace: string
    table_name: string
    file_name: string
    size_bytes: number
    received_bytes: number
    part_count: number
    created_at_ms: number
    expires_at_ms: number
    /** The last proposal that loads it. */
    proposal_id: string | null
    /** The run that waits for it. */
    run_id: string | null
  }
  /** The parts that the bytes of an upload are stored in. */
  upload_parts: {
    upload_id: string
    /** The position of its first byte in the upload. */
    start_byte: number
    size_bytes: number
    /** In the folder of the upload. */
    name: string
  }
  connections: {
    id: string
    name: string
    kind: 'rest' | 'files'
    settings: string
    sealed: string
    version: number
    created_by: string
    created_at_ms: number
    changed_by: string
    changed_at_ms: number
    last_test: string | null
  }
  connection_credentials: {
    connection_id: string
    user_id: string
    id: string
    sealed: string
    bound_at_ms: number
  }
  lakeshore_migrations: { name: string; applied_at_ms: number }
}

/** The task, which runs and schedules have in common. */
export type TaskTable = {
  kind: string
  title: string
  spec: string
  actor: string
  catalog: string | null
  namespace: string | null
  table_name: string | null
  exclusive_key: string | null
}

/** A resource as columns: an empty text means everything at that level. */
export type ResourceTable = { catalog: string; namespace: string; table_name: string }
