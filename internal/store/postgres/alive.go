package postgres

import (
	"context"
	"database/sql/driver"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// alive refuses a connection that the server has ended while it was at rest, before anything is sent over it: what was sent
// might have been heard, and only some writes can be repeated then. After a restart of the server all connections are such. It
// asks the operating system and not the server.
func alive(_ context.Context, c *pgx.Conn) error {
	conn := c.PgConn().Conn()
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return driver.ErrBadConn
	}
	quiet := false
	// Not Read: it waits for the one who reads in the background, who may be there behind a large statement and waits for ever.
	err = raw.Control(func(fd uintptr) { quiet = nothingToRead(fd) })
	if err != nil || !quiet {
		return driver.ErrBadConn
	}
	return nil
}
