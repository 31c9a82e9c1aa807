import { Drawer } from '@grafana/ui';
import React, { type ComponentProps, useEffect, useRef } from 'react';

/**
 * Grafana's drawer, closed by the first Escape. Its own first Escape goes to the tooltip of the close button, which has
 * the focus when it opens. What lies over it, an open list or a dialog, gets Escape before.
 */
export function SideDrawer({ onClose, children, ...rest }: ComponentProps<typeof Drawer>) {
  const inside = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || (event.target as Element | null)?.getAttribute?.('aria-expanded') === 'true')
        return;
      const dialogs = document.querySelectorAll('[role="dialog"]');
      if (dialogs[dialogs.length - 1]?.contains(inside.current)) {
        event.stopPropagation();
        close.current();
      }
    };
    document.addEventListener('keydown', escape, true);
    return () => document.removeEventListener('keydown', escape, true);
  }, []);
  return (
    <Drawer {...rest} onClose={onClose}>
      <div ref={inside}>{children}</div>
    </Drawer>
  );
}
