const LABEL_LIST = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g;

/** Every series that an expression reads, by name and matchers: `up{job="a"}`. Of PromQL it knows what our rules use. */
export function selectorsOf(expr: string): string[] {
  const words = expr.replaceAll(LABEL_LIST, '').matchAll(/([a-z_][\w:]*)(\s*\{[^}]*\}|\s*\()?/gi);
  return [...words]
    .map(([, name = '', rest = '']) => [name, rest.trim()] as const)
    .filter(([name, rest]) => /[_:]|^up$/.test(name) && rest !== '(')
    .map(([name, matchers]) => `${name}${matchers}`);
}
