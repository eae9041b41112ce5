import { Component, type ReactNode } from 'react';

/** A fault in one view leaves the bar above it working. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { fault?: Error }> {
  override state: { fault?: Error } = {};

  static getDerivedStateFromError(fault: Error) {
    return { fault };
  }

  override render() {
    const { fault } = this.state;
    if (!fault) return this.props.children;
    return (
      <div className="panel empty" role="alert">
        <strong>This view has failed</strong>
        <span>{fault.message}</span>
        <span>Your positions are on the chain and are not affected.</span>
        <button type="button" className="button" onClick={() => this.setState({ fault: undefined })}>
          Try again
        </button>
      </div>
    );
  }
}
