/** Every metric that an expression reads, with its matchers: `up{job="a"}`. Of what PromQL knows, only what our rules use. */
export function selectorsOf(expr: string): string[] {
  const words = expr.matchAll(/(?<![\w:$"])([a-z_][\w:]*)(\s*\{[^}]*\}|\s*\()?/gi);
  // In the parentheses of these stand labels.
  const bare = expr.replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  return [...words]
    .filter(([whole]) => bare.includes(whole))
    .filter(([, name = '', rest = '']) => /[_:]|^up$/.test(name) && !rest.trim().startsWith('('))
    .map(([, name = '', matchers = '']) => `${name}${matchers.trim()}`);
}
