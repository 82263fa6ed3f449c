import { serve } from './serve.ts';

/** Takes messages to students: `POST /notifications`. */

let sent = 0;

serve(({ method, json }) =>
  method === 'POST' && typeof json.to === 'string'
    ? { status: 201, json: { id: ++sent, status: 'sent' } }
    : { status: 400, json: { error: 'a notification is a POST with { to, text }' } },
);
