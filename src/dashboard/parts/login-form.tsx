import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../live/admin-api.ts';
import { useLive } from '../live/live-context.ts';
import { BrandMark } from './brand-mark.tsx';

export function LoginForm({ problem }: { readonly problem: string | null }) {
  const { client } = useLive();
  const input = useRef<HTMLInputElement>(null);
  const [asking, setAsking] = useState(false);
  const [unreachable, setUnreachable] = useState<string | null>(null);
  const said = unreachable ?? problem;
  useEffect(() => input.current?.focus(), []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const token = input.current?.value.trim() ?? '';
    if (token === '') return input.current?.focus();
    setAsking(true);
    setUnreachable(null);
    try {
      await client.login(token);
    } catch (error) {
      setUnreachable(error instanceof ApiError ? error.message : 'The gateway does not answer.');
    }
    setAsking(false);
    input.current?.select();
  };

  return (
    <main class="login">
      <form class="login-form" onSubmit={(event) => void submit(event)}>
        <BrandMark />
        <h1>Breakwater</h1>
        <p id="token-help">
          This gateway wants the token of its admin API. It stands under <code>admin.token</code> in its
          configuration.
        </p>
        {/* Password managers keep a password for somebody. */}
        <input type="text" autocomplete="username" value="admin" hidden readOnly />
        <label for="token">Token</label>
        <input
          ref={input}
          id="token"
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          aria-describedby="token-help login-problem"
          aria-invalid={said === null ? undefined : true}
        />
        <p id="login-problem" class="login-problem" role="alert">
          {said}
        </p>
        <button type="submit" class="button primary" aria-disabled={asking}>
          {asking ? 'Asking…' : 'Sign in'}
        </button>
        <p class="login-note">It is kept until this tab is closed, and sent to this gateway only.</p>
      </form>
    </main>
  );
}
