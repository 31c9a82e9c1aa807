import { css } from '@emotion/css';
import { type GrafanaTheme2, renderMarkdown } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { ClipboardButton, useStyles2 } from '@grafana/ui';
import React, { type MouseEvent, useMemo } from 'react';
import { isModified } from '../../components/link/AppLink';
import { PLUGIN_BASE_URL } from '../../constants';
import { partsOf, pathOf } from './markdown';

/** Markdown as Grafana renders and sanitises it; code with a button that copies it, links without loading Grafana anew. */
export function Markdown({ text }: { text: string }) {
  const styles = useStyles2(getStyles);
  const parts = useMemo(() => partsOf(text), [text]);
  return (
    // Looks only at links that were followed, by mouse or by key.
    <div className={styles.body} onClick={follow}>
      {parts.map(({ kind, text, language }, at) =>
        kind === 'code' ? (
          <Code key={at} text={text} copied={language !== 'text'} />
        ) : (
          <div key={at} dangerouslySetInnerHTML={{ __html: renderMarkdown(text) }} />
        ),
      )}
    </div>
  );
}

/** Expected output is compared, not copied. */
function Code({ text, copied }: { text: string; copied: boolean }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={copied ? styles.command : styles.output}>
      <pre className={styles.pre} tabIndex={0} aria-label={copied ? 'To be run' : 'Expected output'}>
        {text}
      </pre>
      {copied && (
        <ClipboardButton
          className={styles.copy}
          size="sm"
          variant="secondary"
          fill="text"
          icon="copy"
          aria-label="Copy"
          tooltip="Copy"
          getText={() => text}
        />
      )}
    </div>
  );
}

function follow(event: MouseEvent<HTMLElement>): void {
  const link = (event.target as HTMLElement).closest('a');
  const path = link && pathOf(link.getAttribute('href') ?? '', PLUGIN_BASE_URL);
  if (!path || isModified(event)) return;
  event.preventDefault();
  locationService.push(path);
}

const getStyles = (theme: GrafanaTheme2) => {
  const box = css({ position: 'relative', margin: theme.spacing(1, 0, 1.5), maxWidth: 900 });
  return {
    body: css({
      maxWidth: 900,
      lineHeight: 1.6,
      overflowWrap: 'anywhere',
      // The page's own title says it.
      '& h1': { display: 'none' },
      '& h2': { ...theme.typography.h4, margin: theme.spacing(3, 0, 1) },
      '& p': { margin: theme.spacing(0, 0, 1) },
      '& blockquote': {
        margin: theme.spacing(0, 0, 2),
        padding: theme.spacing(1, 2),
        border: 'none',
        borderLeft: `3px solid ${theme.colors.border.strong}`,
        color: theme.colors.text.primary,
        background: theme.colors.background.secondary,
        fontSize: theme.typography.body.fontSize,
        '& p': { margin: 0, fontSize: 'inherit', lineHeight: 'inherit' },
      },
      '& ul, & ol': { margin: theme.spacing(0, 0, 1), paddingLeft: theme.spacing(3) },
      '& li': { margin: theme.spacing(0.5, 0) },
      '& a': { color: theme.colors.text.link, textDecoration: 'underline' },
      '& table': { borderCollapse: 'collapse', margin: theme.spacing(1, 0, 2) },
      '& th, & td': {
        textAlign: 'left',
        verticalAlign: 'top',
        padding: theme.spacing(0.5, 2, 0.5, 0),
        borderBottom: `1px solid ${theme.colors.border.weak}`,
      },
      '& code': {
        fontFamily: theme.typography.fontFamilyMonospace,
        fontSize: '0.9em',
        color: theme.colors.text.primary,
        background: theme.colors.background.secondary,
        border: 'none',
        padding: theme.spacing(0, 0.5),
        whiteSpace: 'break-spaces',
      },
    }),
    command: box,
    output: css(box, { opacity: 0.9, marginLeft: theme.spacing(3) }),
    pre: css({
      margin: 0,
      padding: theme.spacing(1, 5, 1, 2),
      overflow: 'auto',
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      background: theme.colors.background.primary,
      color: theme.colors.text.primary,
      fontFamily: theme.typography.fontFamilyMonospace,
      fontSize: theme.typography.bodySmall.fontSize,
      lineHeight: 1.6,
      whiteSpace: 'pre',
    }),
    copy: css({ position: 'absolute', top: theme.spacing(0.5), right: theme.spacing(0.5) }),
  };
};
