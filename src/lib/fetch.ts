/** What `fetch` does for us; handed out by the composition root, so that a test can stand in for the network. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;
