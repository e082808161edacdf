/** The accounts, of which both apps only need to know who is there. */
export type Users = Pick<ReadonlySet<string>, 'has'>
