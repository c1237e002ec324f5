/** Users, groups, the roles that they are granted on resources, and requests for these. */
export * from './access/grants'
export * from './access/groups'
export * from './access/requests'
export * from './access/users'
