import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';

/** Instead of a page that has stopped moving without a word: what came cannot be shown, as by a gateway of another version. */
export function Guard({ children }: { readonly children: ComponentChildren }) {
  const [error] = useErrorBoundary((problem) => console.error(problem));
  if (error === undefined) return <>{children}</>;
  return (
    <main class="login">
      <div class="login-form" role="alert">
        <h1>This page cannot show what the gateway sends</h1>
        <p>The gateway may be of another version than this page. It goes on working either way.</p>
        <button type="button" class="button primary" onClick={() => location.reload()}>
          Load it anew
        </button>
      </div>
    </main>
  );
}
