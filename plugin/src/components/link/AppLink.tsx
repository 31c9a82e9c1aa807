import React, { forwardRef, type AnchorHTMLAttributes, type MouseEvent } from 'react';
import { locationUtil } from '@grafana/data';
import { locationService } from '@grafana/runtime';

export interface AppLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  /** A path within Grafana, without its sub-path: `/a/…?…`. */
  href: string;
}

/** True where the browser shall do what it does: new tab, new window, download. */
export const isModified = (event: MouseEvent) =>
  event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;

/** A real link that changes the page without loading Grafana anew; needs no router around it, so panels may use it. */
export const AppLink = forwardRef<HTMLAnchorElement, AppLinkProps>(function AppLink({ href, onClick, ...rest }, ref) {
  const click = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (!event.defaultPrevented && !isModified(event)) {
      event.preventDefault();
      locationService.push(href);
    }
  };
  return <a ref={ref} href={locationUtil.assureBaseUrl(href)} onClick={click} {...rest} />;
});
