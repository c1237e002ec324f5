/** Marks the tables of the demo lake, whose commit times and writers are invented. Home says so where it finds one. */
export const DEMO_HISTORY_PROPERTY = 'lakeshore.demo-history'
