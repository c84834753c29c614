/** An artwork's own path. Names that are no ids, such as `generate`, are not mistaken for one: they answer 405. */
export const ARTWORK = "/:id{art_[0-9a-z]+}";
export const UPLOAD = "/:id{upl_[0-9a-z]+}";
