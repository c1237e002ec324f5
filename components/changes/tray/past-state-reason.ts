/** Why editing is off while the page shows another state than the current one. */
export const PAST_STATE_REASON = 'Editing is off while you look at another state. Go back to now to change the table.'
